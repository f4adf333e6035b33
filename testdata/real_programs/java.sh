# A Java hello world, with threads and garbage.
cat > Hello.java <<'SOURCE'
import java.util.ArrayList;
import java.util.List;

public class Hello {
  public static void main(String[] arguments) throws Exception {
    List<Thread> threads = new ArrayList<>();
    long[] sums = new long[8];
    for (int i = 0; i < sums.length; i++) {
      final int index = i;
      Thread thread = new Thread(() -> {
        List<String> texts = new ArrayList<>();
        for (int k = 0; k < 50000; k++) texts.add("text " + k);
        for (String text : texts) sums[index] += text.length();
      });
      thread.start();
      threads.add(thread);
    }
    for (Thread thread : threads) thread.join();
    System.out.println("hello world " + sums[7]);
  }
}
SOURCE
javac Hello.java
java -Xmx256m -cp . Hello
